// Package apexai tells the whole story of the stack that ships with Apex, on a
// real region: up, used, broken in every way, down.
package apexai
