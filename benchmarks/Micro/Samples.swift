/// The messages that the benchmarks read.
enum Samples {
    /// A browser's request with seven fields.
    static let requestHead = Array(
        """
        GET /api/reviews/42?page=2 HTTP/1.1\r
        Host: www.example.com\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
        Accept-Language: en-GB,en;q=0.7,de;q=0.3\r
        Accept-Encoding: gzip, deflate, br\r
        Cookie: session=5f2b6c1e9a; theme=dark\r
        Referer: https://www.example.com/start\r
        \r

        """.utf8
    )

    /// A service's answer with a short body.
    static let responseHead = Array(
        """
        HTTP/1.1 200 OK\r
        Server: backend\r
        Content-Type: text/plain\r
        Content-Length: 100\r
        Date: Mon, 01 Jan 2024 00:00:00 GMT\r
        \r

        """.utf8
    )
}
