package region

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Credentials are the administrator's key of a region, as the first start leaves
// them in credentials.json of the home.
type Credentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	Region          string `json:"region"`
	Account         string `json:"account"`
	Endpoint        string `json:"endpoint"`
}

// Credentials reads the administrator's key.
func (h Home) Credentials() (Credentials, error) {
	var c Credentials
	b, err := os.ReadFile(h.path("credentials.json"))
	if err != nil {
		return c, fmt.Errorf("read the administrator's key: %w", err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read the administrator's key: %w", err)
	}
	return c, nil
}

// writeCredentials replaces credentials.json, readable by its owner only.
func (h Home) writeCredentials(c Credentials) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(h.path("credentials.json"), append(b, '\n'))
}

// writeFile replaces the file at path in one step, with mode 0600.
func writeFile(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone when the rename succeeded
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
