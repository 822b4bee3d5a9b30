// Command bare is the least that a Go program can do to answer the list: it
// sends MySQL the statements it is given and writes the rows as JSON.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"reflect"

	"github.com/go-sql-driver/mysql"
)

func main() {
	text, err := os.ReadFile(os.Getenv("STATEMENTS"))
	if err != nil {
		log.Fatal(err)
	}
	var statements []string
	if err := json.Unmarshal(text, &statements); err != nil {
		log.Fatal(err)
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", os.Getenv("DB_ADDRESS"), os.Getenv("DB_USER"), os.Getenv("DB_PASSWORD"), os.Getenv("DB_NAME")
	connector, err := mysql.NewConnector(c)
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(3)
	db.SetMaxIdleConns(3)
	http.HandleFunc("GET /api/v1/people", func(w http.ResponseWriter, r *http.Request) {
		lists := make([]any, len(statements))
		for i, statement := range statements {
			if lists[i], err = query(r, db, statement); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(lists)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// query gives rows as structs, whose types are made of the columns' names.
func query(r *http.Request, db *sql.DB, statement string) (any, error) {
	rows, err := db.QueryContext(r.Context(), statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	kind := rowType(columns)
	list := reflect.MakeSlice(reflect.SliceOf(kind), 0, 50)
	into := make([]any, len(columns))
	for rows.Next() {
		row := reflect.New(kind).Elem()
		for i := range into {
			into[i] = row.Field(i).Addr().Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = reflect.Append(list, row)
	}
	return list.Interface(), rows.Err()
}

func rowType(columns []string) reflect.Type {
	fields := make([]reflect.StructField, len(columns))
	for i, name := range columns {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[*string](), Tag: reflect.StructTag(fmt.Sprintf("json:%q", name))}
	}
	return reflect.StructOf(fields)
}
