// Opens COUNT sockets with the studio's own socket.io-client and the cookie of
// a session, and says on stdout, one JSON line each, what happens to them.
// Lines on stdin have a socket send: {"socket": 0, "event": "…", "args": […]}.
import { createInterface } from 'node:readline';

const { BUNDLE, BASE, COOKIE, COUNT } = process.env;

class WithCookie extends globalThis.WebSocket {
  constructor(url, protocols) { super(url, { protocols, headers: { cookie: COOKIE } }); }
}
globalThis.WebSocket = WithCookie;

const { io } = await import(BUNDLE);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const sockets = Array.from({ length: Number(COUNT) }, (_, socket) => {
  const s = io(BASE, { transports: ['websocket'], forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 500 });
  s.on('connect', () => say({ socket, event: 'connect' }));
  s.on('disconnect', (reason) => say({ socket, event: 'disconnect', payload: reason }));
  s.on('connect_error', (error) => say({ socket, event: 'connect_error', payload: { message: error.message, data: error.data } }));
  s.onAny((event, payload) => {
    say({ socket, event, payload });
    if (event === 'server.draining') {
      setTimeout(() => s.disconnect().connect(), Math.random() * payload.within);
    }
  });
  return s;
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const { socket, event, args } = JSON.parse(line);
  sockets[socket].emit(event, ...args, (payload) => say({ socket, event: `ack ${event}`, payload }));
}).on('close', () => process.exit(0));
