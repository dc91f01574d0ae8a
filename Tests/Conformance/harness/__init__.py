"""What the client and server suites share: cases, processes, and the gateways between both ends."""
