//! A provider on a raw socket, so that it can break HTTP as well as speak it.

use herald_http_client::Settings;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What the provider does with a request that it has read and carried out.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// Writes these bytes and closes.
    Say(String),
    /// Closes without a word.
    Cut,
    /// Never answers.
    Hang,
}

pub(crate) struct Provider {
    pub(crate) address: std::net::SocketAddr,
    carried_out: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
    farewell: Arc<Notify>,
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Then {
    let length = body.len();
    Then::Say(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
}

impl Provider {
    /// Plays `script` request by request; the last line repeats.
    pub(crate) async fn that(script: Vec<Then>) -> Self {
        let (provider, listener) = Self::listening().await;
        let (count, heard) = (Arc::clone(&provider.carried_out), Arc::clone(&provider.heard));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (script, count, heard) = (script.clone(), count.clone(), heard.clone());
                tokio::spawn(serve(socket, script, count, heard));
            }
        });
        provider
    }

    /// Speaks first, or hangs up first, before any request.
    pub(crate) async fn that_opens_with(words: &'static str) -> Self {
        let (provider, listener) = Self::listening().await;
        let (count, farewell) = (Arc::clone(&provider.carried_out), Arc::clone(&provider.farewell));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                drop(socket.write_all(words.as_bytes()).await);
                drop(socket.shutdown().await);
                farewell.notify_one();
                if read_request(&mut socket).await.is_some() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        provider
    }

    async fn listening() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (carried_out, heard, farewell) = <(Arc<AtomicUsize>, _, _)>::default();
        (Self { address, carried_out, heard, farewell }, listener)
    }

    /// Returns once it has hung up on somebody.
    pub(crate) async fn farewell(&self) {
        self.farewell.notified().await;
    }

    /// Every whole request, word by word.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("not poisoned").clone()
    }

    /// How many whole requests came in.
    pub(crate) fn carried_out(&self) -> usize {
        self.carried_out.load(Ordering::SeqCst)
    }

    pub(crate) fn settings(&self) -> Settings {
        let base = format!("http://{}/v1", self.address).parse().expect("a URL");
        Settings {
            timeout: Duration::from_millis(300),
            connect_timeout: Duration::from_millis(300),
            max_response_bytes: 4096,
            ..Settings::new("fake", base)
        }
    }
}

async fn serve(
    mut socket: TcpStream,
    script: Vec<Then>,
    count: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = read_request(&mut socket).await {
        heard.lock().expect("not poisoned").push(request);
        let nth = count.fetch_add(1, Ordering::SeqCst);
        match script.get(nth).or_else(|| script.last()).expect("a script") {
            Then::Say(words) => {
                drop(socket.write_all(words.as_bytes()).await);
                if !words.contains("keep-alive") {
                    return;
                }
            }
            Then::Cut => return,
            Then::Hang => futures::future::pending().await,
        }
    }
}

/// Reads head and body; `None` when the other side went away first.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0_usize);
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut chunk = [0; 1024];
        match socket.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(chunk.get(..count).unwrap_or_default()),
        }
    }
}
