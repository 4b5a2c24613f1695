package httpd

import (
	"context"
	"net"
)

// Listen listens for clicks. A browser comes with a connection of its own for one click, so what a connection costs is what a click
// costs: connections are taken when they have something to say, there are no probes of idle ones, which the time limits end anyway,
// and nothing but TCP is offered.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	c := net.ListenConfig{KeepAlive: -1, Control: prepare}
	c.SetMultipathTCP(false)
	return c.Listen(ctx, "tcp", address)
}
