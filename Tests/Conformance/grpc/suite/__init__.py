"""gRPC: a server, clients, and the cases between both."""
