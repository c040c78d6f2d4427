package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tailscale.com/derp"
)

const bulkSize = 1400

type latencyResult struct {
	Sent     int     `json:"sent"`
	Received int     `json:"received"`
	P50      float64 `json:"p50Ms"`
	P99      float64 `json:"p99Ms"`
	BulkMbps float64 `json:"bulkMbps"`
}

// latency sends small packets at a steady pace from one client to another, both here, so that one clock
// tells how long each took; beside a pair that sends as much as it can, if that is asked for.
func latency(o options) (any, error) {
	var bulk atomic.Int64
	if o.bulk {
		from, to, err := o.pair()
		if err != nil {
			return nil, err
		}
		go count(to, &bulk)
		go pump(from, to, bulkSize)
		// The queues are full by then.
		time.Sleep(3 * time.Second)
	}
	from, to, err := o.pair()
	if err != nil {
		return nil, err
	}
	var took []float64
	done := make(chan struct{})
	go func() {
		took = receive(to)
		close(done)
	}()
	before := bulk.Load()
	sent := 0
	packet := make([]byte, o.size)
	begun := time.Now()
	for at := range time.Tick(time.Second / time.Duration(o.rate)) {
		if at.Sub(begun) > o.length {
			break
		}
		binary.BigEndian.PutUint64(packet, uint64(time.Now().UnixNano()))
		if err := from.Send(to.key, packet); err != nil {
			return nil, err
		}
		sent++
	}
	mbps := float64(bulk.Load()-before) * 8 / 1e6 / time.Since(begun).Seconds()
	// What is under way still counts.
	time.Sleep(2 * time.Second)
	to.conn.Close()
	<-done
	if len(took) == 0 {
		return nil, fmt.Errorf("none of %d packets came through", sent)
	}
	slices.Sort(took)
	at := func(part float64) float64 { return took[int(part*float64(len(took)-1))] }
	return latencyResult{sent, len(took), at(0.5), at(0.99), mbps}, nil
}

// receive notes for each packet how many milliseconds it took, until the connection is closed.
func receive(to *client) (took []float64) {
	for {
		message, err := to.Recv()
		if err != nil {
			return took
		}
		if packet, ok := message.(derp.ReceivedPacket); ok {
			sent := time.Unix(0, int64(binary.BigEndian.Uint64(packet.Data)))
			took = append(took, float64(time.Since(sent).Microseconds())/1000)
		}
	}
}

type throughputResult struct {
	Mbps float64 `json:"mbps"`
}

// throughput lets pairs of clients send as much as they can and counts what arrives.
func throughput(o options) (any, error) {
	var bytes atomic.Int64
	for range o.count {
		from, to, err := o.pair()
		if err != nil {
			return nil, err
		}
		go count(to, &bytes)
		go pump(from, to, o.size)
	}
	time.Sleep(time.Second)
	before, begun := bytes.Load(), time.Now()
	time.Sleep(o.length)
	return throughputResult{float64(bytes.Load()-before) * 8 / 1e6 / time.Since(begun).Seconds()}, nil
}

// count adds up what a client receives.
func count(to *client, bytes *atomic.Int64) {
	for {
		message, err := to.Recv()
		if err != nil {
			return
		}
		if packet, ok := message.(derp.ReceivedPacket); ok {
			bytes.Add(int64(len(packet.Data)))
		}
	}
}

// pump sends as much as the relay takes.
func pump(from, to *client, size int) {
	go count(from, new(atomic.Int64))
	packet := make([]byte, size)
	for from.Send(to.key, packet) == nil {
	}
}
