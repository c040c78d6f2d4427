// Admission tells derper whether one of this machine's tailscaleds knows a client: derper itself can ask
// only one. When none does, or none answers, the client is refused.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tailscale.com/client/local"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
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
	tailscaleds sync.Map
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

func admit(w http.ResponseWriter, r *http.Request) {
	var client tailcfg.DERPAdmitClientRequest
	if err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&client); err != nil {
		http.Error(w, "the body must be a DERPAdmitClientRequest", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	allow := isMember(ctx, client.NodePublic)
	if allow {
		admitted.Add(1)
	} else {
		refused.Add(1)
	}
	json.NewEncoder(w).Encode(tailcfg.DERPAdmitClientResponse{Allow: allow})
}

// All are asked at once: one that hangs must not keep out the members of another tailnet.
func isMember(ctx context.Context, node key.NodePublic) bool {
	paths, _ := filepath.Glob(sockets)
	answers := make(chan bool, len(paths))
	for _, path := range paths {
		go func() {
			tailscaled, _ := tailscaleds.LoadOrStore(path, &local.Client{Socket: path, UseSocketOnly: true})
			_, err := tailscaled.(*local.Client).WhoIsNodeKey(ctx, node)
			answers <- err == nil
		}()
	}
	for range paths {
		if <-answers {
			return true
		}
	}
	return false
}

func count(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "derp_relay_clients_admitted %d\nderp_relay_clients_refused %d\n", admitted.Load(), refused.Load())
}
