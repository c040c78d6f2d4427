package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

type admitted struct {
	Asked   int    `json:"asked"`
	Open    int    `json:"open"`
	Reason  string `json:"reason,omitempty"`
	Dropped int    `json:"dropped"`
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// idle logs many clients in, prints how many got in, and keeps them.
func idle(o options) (any, error) {
	clients, err := o.dialAll(o.count)
	var lost atomic.Int64
	for _, c := range clients {
		go func() {
			count(c, new(atomic.Int64))
			lost.Add(1)
		}()
	}
	fmt.Printf("%d open\n", len(clients))
	time.Sleep(o.length)
	return admitted{o.count, len(clients), reasonOf(err), int(lost.Load())}, nil
}

// flood opens new connections at a steady pace, more than the relay's firewall lets through from one source.
func flood(o options) (any, error) {
	var open, refused atomic.Int64
	asked := 0
	begun := time.Now()
	for at := range time.Tick(time.Second / time.Duration(o.rate)) {
		if at.Sub(begun) > o.length {
			break
		}
		asked++
		go func() {
			conn, err := o.dialTCP(2 * time.Second)
			if err != nil {
				refused.Add(1)
				return
			}
			open.Add(1)
			conn.Close()
		}()
	}
	time.Sleep(3 * time.Second)
	return admitted{Asked: asked, Open: int(open.Load()), Dropped: int(refused.Load())}, nil
}

// halfOpen opens connections that begin a TLS handshake and never go on, and says how many the relay closed.
func halfOpen(o options) (any, error) {
	var closed atomic.Int64
	open := 0
	for range o.count {
		conn, err := o.dialTCP(patience)
		if err != nil {
			continue
		}
		open++
		// The first bytes of a ClientHello that announces 512.
		if _, err := conn.Write([]byte{22, 3, 1, 2, 0, 1, 0, 1, 252}); err != nil {
			return nil, err
		}
		go func() {
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				closed.Add(1)
			}
		}()
	}
	time.Sleep(o.length)
	return admitted{Asked: o.count, Open: open, Dropped: int(closed.Load())}, nil
}

// slowReaders are clients that never read what others send them as fast as they can.
func slowReaders(o options) (any, error) {
	readers, err := o.dialAll(o.count)
	if err != nil {
		return nil, err
	}
	from, err := o.dial()
	if err != nil {
		return nil, err
	}
	go count(from, new(atomic.Int64))
	packet := make([]byte, o.size)
	sent := 0
	for begun := time.Now(); time.Since(begun) < o.length; sent++ {
		if err := from.Send(readers[sent%len(readers)].key, packet); err != nil {
			return nil, err
		}
	}
	return admitted{Asked: sent, Open: len(readers)}, nil
}

// oversized are clients that announce a packet far larger than DERP allows, and begin to send it.
func oversized(o options) (any, error) {
	clients, err := o.dialAll(o.count)
	if err != nil {
		return nil, err
	}
	var closed atomic.Int64
	for _, c := range clients {
		go func() {
			defer closed.Add(1)
			announce(c.conn)
			count(c, new(atomic.Int64))
		}()
	}
	time.Sleep(o.length)
	return admitted{Asked: o.count, Open: len(clients), Dropped: int(closed.Load())}, nil
}

func announce(conn net.Conn) {
	const sendPacket = 4
	frame := binary.BigEndian.AppendUint32([]byte{sendPacket}, 1<<31)
	conn.Write(append(frame, make([]byte, 1<<20)...))
}
