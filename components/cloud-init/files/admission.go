// Admission tells derper whether one of this machine's tailscaleds knows a client: derper itself can ask
// only one. When none does, or none answers, the client is refused.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// env.ts has it, too.
	address = "127.0.0.1:33478"
	sockets = "/run/derp-relay-tailscaled/*/tailscaled.sock"
	// derper waits for five seconds.
	patience = 4 * time.Second
)

var (
	admitted, refused atomic.Int64
	// By socket; each keeps its connections.
	clients sync.Map
)

func main() {
	// The installer asks whether it runs.
	if len(os.Args) > 1 {
		return
	}
	http.HandleFunc("POST /{$}", admit)
	http.HandleFunc("GET /{$}", count)
	server := http.Server{Addr: address, ReadHeaderTimeout: patience}
	log.Fatal(server.ListenAndServe())
}

// What derper asks and expects is DERPAdmitClientRequest and DERPAdmitClientResponse in Tailscale's tailcfg.
func admit(w http.ResponseWriter, r *http.Request) {
	var client struct {
		NodePublic string
		Source     netip.Addr
	}
	err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&client)
	// tailscaled would take an address as well.
	if err != nil || !strings.HasPrefix(client.NodePublic, "nodekey:") {
		http.Error(w, "NodePublic must be a node key", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	allow := isMember(ctx, client.NodePublic)
	// The health check asks, too.
	if !client.Source.IsLoopback() {
		if allow {
			admitted.Add(1)
		} else {
			refused.Add(1)
		}
	}
	fmt.Fprintf(w, `{"Allow":%t}`, allow)
}

// All are asked at once: one that hangs must not keep out the members of another tailnet.
func isMember(ctx context.Context, node string) bool {
	paths, _ := filepath.Glob(sockets)
	answers := make(chan bool, len(paths))
	for _, path := range paths {
		go func() { answers <- knows(ctx, path, node) }()
	}
	for range paths {
		if <-answers {
			return true
		}
	}
	return false
}

// The very question that derper asks when there is one tailscaled.
func knows(ctx context.Context, socket, node string) bool {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	client, _ := clients.LoadOrStore(socket, &http.Client{Transport: &http.Transport{DialContext: dial}})
	whois := "http://local-tailscaled.sock/localapi/v0/whois?addr=" + url.QueryEscape(node)
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, whois, nil)
	answer, err := client.(*http.Client).Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.StatusCode == http.StatusOK
}

func count(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "derp_relay_clients_admitted %d\nderp_relay_clients_refused %d\n", admitted.Load(), refused.Load())
}
