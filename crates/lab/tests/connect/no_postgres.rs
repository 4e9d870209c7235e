//! What answers at the address is another service.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::bench::{assert_says, open_with};

/// Says `greeting` to whoever connects, at once or as an answer, and hangs up. The port is its place.
fn service(greeting: &'static str, at_once: bool) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if !at_once {
                let _ = stream.read(&mut [0; 1024]);
            }
            let _ = stream.write_all(greeting.as_bytes());
            if at_once {
                // As sshd does, it goes on listening for a while.
                let _ = stream.read(&mut [0; 1024]);
            }
        }
    });
    port
}

#[tokio::test]
async fn it_is_said_in_short() {
    let http = "HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad Request";
    for (greeting, at_once) in [
        (http, false),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", true),
        ("220 mail.example.org ESMTP\r\n", true),
        ("-ERR unknown command\r\n", false),
        ("", false),
        ("", true),
    ] {
        let port = service(greeting, at_once);
        for mode in ["disable", "prefer", "require"] {
            let url = format!("postgresql://ann:secret@127.0.0.1:{port}/shop?sslmode={mode}");
            let error = open_with(&url, [("PGCONNECT_TIMEOUT", "2")]).await.unwrap_err();
            let closed = greeting.is_empty();
            // Only one that begins with S seems to agree to TLS.
            let why = match mode {
                _ if closed => ["closed without a word", "correct --database-url"],
                "require" if !greeting.starts_with('S') => {
                    ["demands TLS", "is no PostgreSQL server"]
                }
                _ => ["does not speak PostgreSQL's protocol", "correct --database-url"],
            };
            assert_says(&error, &["cannot connect to ann@127.0.0.1", why[0], why[1]]);
            let text = error.to_string();
            assert!(text.lines().count() <= 5 && !text.contains("secret"), "{text}");
        }
    }
}
