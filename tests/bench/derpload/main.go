// Command derpload speaks DERP with a relay the way many clients do, well-behaved ones and hostile ones. It
// prints what it saw as one line of JSON. The benchmark and the load test run it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// options are the flags that all modes share.
type options struct {
	relay   string
	sources []string
	count   int
	rate    int
	size    int
	bulk    bool
	length  time.Duration
}

// modes do their work for the length that is asked for and return what they saw.
var modes = map[string]func(options) (any, error){
	"latency":    latency,
	"throughput": throughput,
	"idle":       idle,
	"flood":      flood,
	"half-open":  halfOpen,
	"slow":       slowReaders,
	"oversized":  oversized,
}

func main() {
	var o options
	var sources string
	flag.StringVar(&o.relay, "relay", "", "address and port of the relay")
	flag.StringVar(&sources, "sources", "", "local addresses to connect from, in turn")
	flag.IntVar(&o.count, "count", 1, "how many connections, or pairs of clients")
	flag.IntVar(&o.rate, "rate", 50, "packets or connections a second")
	flag.IntVar(&o.size, "size", 260, "bytes a packet")
	flag.BoolVar(&o.bulk, "bulk", false, "latency: another pair fills what the relay lets through")
	flag.DurationVar(&o.length, "for", 10*time.Second, "how long")
	flag.Parse()
	o.sources = strings.Split(sources, ",")
	mode, ok := modes[flag.Arg(0)]
	if !ok {
		fail(fmt.Errorf("no such mode: %q", flag.Arg(0)))
	}
	result, err := mode(o)
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "derpload:", err)
	os.Exit(1)
}

var turn atomic.Int64

// source returns the next local address, or none when the system is to choose.
func (o options) source() string {
	return o.sources[int(turn.Add(1))%len(o.sources)]
}
