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
	x.req.Class, x.req.Fault = err.Class, err.Fault
	x.conn.server.stats.nonCompliant.Add(1)
	x.method = methodName(x.req.Method)
	x.answer(err.Status)
	return false
}

// answer makes one of the balancer's own responses, as an ALB words them. 460
// stands for a client that has left: it gets none.
func (x *exchange) answer(status int) bool {
	x.conn.server.stats.own[status].Add(1)
	x.note.status = status
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
	case 464:
		return "Incompatible Protocol Versions"
	case 463:
		return "Too Many Forwarded Addresses"
	case 561:
		return "Authentication Error"
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
		Protocol: x.conn.scheme(), Host: string(host), Port: x.table.port, Outside: x.table.outside,
		Path: string(x.req.Path), Query: string(x.req.Query),
	})
	stats := &x.conn.server.stats
	if len(location) > maxLocation {
		stats.tooLong.Add(1)
		return x.answer(400)
	}
	stats.redirects.Add(1)
	stats.own[r.Status].Add(1)
	x.note.location = location
	return x.respond(r.Status, "text/html", "", location)
}

const (
	maxLocation = 8 << 10
	lastWord    = 2 * time.Second // for an answer of our own, when the idle time is over
)

// respond writes a response without a target. If the request's body is still to
// come, the connection ends with it.
func (x *exchange) respond(status int, contentType, text, location string) bool {
	keep := x.pump == nil && x.table != nil && x.front.keeps() && x.skipBody()
	x.note.status = status
	x.resp = http1.Response{Status: status, Reason: []byte(reasonOf(status)), Fields: x.resp.Fields[:0], Minor: 1}
	x.addField("Server", "awselb/2.0", http1.Other)
	x.addField("Date", time.Now().UTC().Format(http.TimeFormat), http1.Other)
	if contentType != "" {
		x.addField("Content-Type", contentType, http1.Other)
	}
	x.addField("Content-Length", strconv.Itoa(len(text)), http1.ContentLength)
	if location != "" {
		x.addField("Location", location, http1.Other)
	}
	x.decorate()
	x.front.extend(lastWord)
	keep = x.front.begin(&x.resp, keep)
	if x.sendText(text) != nil {
		return false
	}
	if !keep {
		x.front.linger()
	}
	return keep
}

func (x *exchange) addField(name, value string, kind http1.Kind) {
	x.resp.Fields = append(x.resp.Fields, http1.Field{Name: []byte(name), Value: []byte(value), Kind: kind})
}

func (x *exchange) sendText(text string) error {
	if x.method != "HEAD" {
		if err := x.front.data([]byte(text)); err != nil {
			return err
		}
	}
	return x.front.end(nil)
}
