"""WebSocket, server-sent events and long polling: servers, clients, and the cases between both."""
