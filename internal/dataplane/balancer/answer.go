package balancer

import (
	"net/http"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// refuse answers a request that breaks the protocol; nothing that follows it
// on the connection can be trusted.
func (x *exchange) refuse(err *http1.Error) bool {
	x.req.KeepAlive = false
	x.method = methodName(x.req.Method)
	x.answer(err.Status)
	return false
}

// answer makes one of the balancer's own responses, as an ALB words them. 460
// stands for a client that has left: it gets none.
func (x *exchange) answer(status int) bool {
	x.conn.server.stats.own[status].Add(1)
	if status == 460 {
		x.conn.server.stats.gone.Add(1)
		return false
	}
	text := strconv.Itoa(status) + " " + reasonOf(status)
	page := "<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text +
		"</h1></center>\r\n</body>\r\n</html>\r\n"
	return x.respond(status, "text/html", page, "")
}

func reasonOf(status int) string {
	switch status {
	case 460:
		return "Client Closed Connection"
	case 463:
		return "Too Many Forwarded Addresses"
	case 503:
		return "Service Temporarily Unavailable"
	case 504:
		return "Gateway Time-out"
	}
	return http.StatusText(status)
}

// redirect answers with where to go instead.
func (x *exchange) redirect(r *route.Redirect) bool {
	host, _ := splitHost(x.req.Host)
	location := r.Location(route.Origin{
		Protocol: "http", Host: string(host), Port: x.table.port,
		Path: string(x.req.Path), Query: string(x.req.Query),
	})
	x.conn.server.stats.redirects.Add(1)
	if len(location) > maxLocation {
		return x.answer(400)
	}
	return x.respond(r.Status, "text/html", "", location)
}

const (
	maxLocation = 8 << 10
	lastWord    = 2 * time.Second // for an answer of our own, when the idle time is over
)

// respond writes a response without a target. If the request's body is still to
// come, the connection ends with it.
func (x *exchange) respond(status int, contentType, body, location string) bool {
	keep := x.pump == nil && x.req.KeepAlive && x.table != nil && x.skipBody() && x.keepsClient()
	b := http1.AppendStatusLine(x.down[:0], status, []byte(reasonOf(status)))
	b = append(b, "Server: awselb/2.0\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, http.TimeFormat)
	if contentType != "" {
		b = append(append(b, "\r\nContent-Type: "...), contentType...)
	}
	b = strconv.AppendInt(append(b, "\r\nContent-Length: "...), int64(len(body)), 10)
	if location != "" {
		b = append(append(b, "\r\nLocation: "...), location...)
	}
	b = appendConnection(append(b, '\r', '\n'), keep)
	if x.method != "HEAD" {
		b = append(b, body...)
	}
	x.down = b
	x.conn.extend(lastWord)
	if x.flush(nil) != nil {
		return false
	}
	if !keep {
		x.conn.linger()
	}
	return keep
}
