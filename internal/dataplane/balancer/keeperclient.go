package balancer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// keeperClient is the worker's side.
type keeperClient struct{ conn *net.UnixConn }

func (c *keeperClient) open(key socketKey) (listener, error) {
	file, err := c.call(keeperRequest{Open: &key})
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, errors.New("keeper: no socket in its answer")
	}
	defer file.Close()
	l, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

func (c *keeperClient) retain(keys []socketKey) error {
	all := append([]socketKey{}, keys...) // nil would mean that nothing is asked
	_, err := c.call(keeperRequest{Retain: &all})
	return err
}

func (c *keeperClient) call(req keeperRequest) (*os.File, error) {
	msg, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(msg); err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	buf, oob := make([]byte, 4096), make([]byte, syscall.CmsgSpace(4))
	n, oobn, _, _, err := c.conn.ReadMsgUnix(buf, oob)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	var answer keeperAnswer
	if err := json.Unmarshal(buf[:n], &answer); err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	if answer.Error != "" {
		return nil, errors.New(answer.Error)
	}
	return passedFile(oob[:oobn])
}

func passedFile(oob []byte) (*os.File, error) {
	if len(oob) == 0 {
		return nil, nil
	}
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "socket"), nil
}
