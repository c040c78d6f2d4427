package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"tailscale.com/derp"
	"tailscale.com/types/key"
	"tailscale.com/types/logger"
)

const patience = 30 * time.Second

// client is one connection of a DERP client.
type client struct {
	*derp.Client
	conn net.Conn
	key  key.NodePublic
}

// dialTCP opens a connection from the next of the sources.
func (o options) dialTCP(timeout time.Duration) (net.Conn, error) {
	dialer := net.Dialer{Timeout: timeout}
	if source := o.source(); source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(source)}
	}
	return dialer.DialContext(context.Background(), "tcp", o.relay)
}

// dial logs a new client in.
func (o options) dial() (*client, error) {
	raw, err := o.dialTCP(patience)
	if err != nil {
		return nil, err
	}
	// The relay is ours and its certificate is no part of what is measured.
	conn := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, ServerName: "relay"})
	conn.SetDeadline(time.Now().Add(patience))
	c, err := login(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	return c, nil
}

func login(conn net.Conn) (*client, error) {
	stream := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	fmt.Fprint(stream, "GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n")
	if err := stream.Flush(); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(stream.Reader, nil)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the relay must speak DERP: %s", answer.Status)
	}
	private := key.NewNode()
	c, err := derp.NewClient(private, conn, stream, logger.Discard)
	if err != nil {
		return nil, err
	}
	// The first message tells that the relay has admitted the client.
	if _, err := c.Recv(); err != nil {
		return nil, err
	}
	return &client{Client: c, conn: conn, key: private.Public()}, nil
}

// dialAll logs clients in, some at once, and returns those that got in and the last reason against one.
func (o options) dialAll(count int) ([]*client, error) {
	type result struct {
		client *client
		err    error
	}
	results := make(chan result)
	tickets := make(chan struct{}, 32)
	for range count {
		go func() {
			tickets <- struct{}{}
			c, err := o.dial()
			<-tickets
			results <- result{c, err}
		}()
	}
	var clients []*client
	var last error
	for range count {
		if r := <-results; r.err != nil {
			last = r.err
		} else {
			clients = append(clients, r.client)
		}
	}
	return clients, last
}

// pair logs in two clients.
func (o options) pair() (from, to *client, err error) {
	if from, err = o.dial(); err != nil {
		return nil, nil, err
	}
	to, err = o.dial()
	return from, to, err
}
