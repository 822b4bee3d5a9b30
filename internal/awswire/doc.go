// Package awswire speaks AWS's wire protocols from the server's side: it reads a
// request into the input struct of its operation, checks the input against the
// model's constraints, and writes the output or the error as the protocol does.
//
// The structs are those of the generated packages internal/api/<name>api. Their
// field tags say how a member is named and laid out; [planFor] reads the tags of
// a type once and keeps what it learnt.
//
//	wire:"name,query=Name,item=item,key=Name,value=Value,flat,time=iso8601,in=header,payload"
//	check:"required,min=1,max=64"   enum:"a|b|c"
//
// Members that the structs do not know are ignored and counted, as AWS ignores
// them: clients are newer than any server.
package awswire
