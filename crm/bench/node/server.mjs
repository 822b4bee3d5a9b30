// The list as a Node program would answer it: Express and mysql2, with a pool
// of three, sending MySQL the statements it is given.
import { readFileSync } from 'node:fs';
import express from 'express';
import mysql from 'mysql2/promise';

const statements = JSON.parse(readFileSync(process.env.STATEMENTS, 'utf8'));
const [host, port] = process.env.DB_ADDRESS.split(':');
const pool = mysql.createPool({
  host, port: Number(port), user: process.env.DB_USER, password: process.env.DB_PASSWORD, database: process.env.DB_NAME, connectionLimit: 3,
});
const app = express();
app.get('/api/v1/people', async (request, response) => {
  const connection = await pool.getConnection();
  try {
    const lists = [];
    for (const statement of statements) lists.push((await connection.query(statement))[0]);
    response.json(lists);
  } finally {
    connection.release();
  }
});
app.listen(Number(process.env.PORT), '127.0.0.1');
