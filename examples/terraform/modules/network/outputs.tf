output "vpc_id" { value = aws_vpc.this.id }
output "public_subnet_ids" { value = aws_subnet.public[*].id }
output "nat_addresses" { value = aws_eip.nat[*].public_ip }

# Whoever runs in a private subnet also needs its way out.
output "private_subnet_ids" {
  value      = aws_subnet.private[*].id
  depends_on = [aws_route_table_association.private, aws_route.nat]
}
