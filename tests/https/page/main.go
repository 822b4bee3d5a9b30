// Command page serves a page whose script exchanges messages over a WebSocket.
package main

import (
	"io"
	"log"
	"net/http"

	"github.com/coder/websocket"
)

const page = `<!doctype html>
<title>page</title>
<ul id="log"></ul>
<script>
const socket = new WebSocket("wss://" + location.host + "/echo")
const say = text => socket.send(text)
const note = text => {
	const line = document.createElement("li")
	line.textContent = text
	document.getElementById("log").append(line)
}
socket.onopen = () => say("first")
socket.onmessage = e => note(e.data)
socket.onclose = e => note("closed " + e.code)
</script>
`

func main() {
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {})
	http.HandleFunc("/echo", echo)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Seen-Proto", r.Header.Get("X-Forwarded-Proto"))
		io.WriteString(w, page)
	})
	log.Fatal(http.ListenAndServe(":3000", nil))
}

// echo answers each message with itself.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, data, err := c.Read(r.Context())
		if err != nil || c.Write(r.Context(), kind, append([]byte("echo: "), data...)) != nil {
			return
		}
	}
}
