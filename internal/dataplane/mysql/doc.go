// Package mysql runs MySQL servers: one process per instance, under a supervisor,
// in the network namespace of its interface.
//
// The engine is what the machine has installed: MySQL 8.0's mysqld, else
// MariaDB's mariadbd ([FindEngine]). A new instance starts from a template data
// directory, made once for each engine version and copied, so that its first
// query comes about as soon as a bare server's would.
//
// # An instance's directory
//
//	home/        the server's own, shown to it at /mnt: data, tmp, files, mysql.sock, live.cnf
//	supervisor/  see package supervisor
//	synced       present once the first copy of the template is on disk
//	master       what the master user was last set to, as a digest
//
// The administrator is root@localhost, who is let in by the socket alone; the
// socket lies in a directory that only root may enter. No password is written
// to a file or to an argument.
package mysql
