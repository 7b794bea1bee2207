//! A wire that is tapped: it carries bytes to a provider and back, and remembers all of them.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

type Tape = Arc<Mutex<Vec<u8>>>;

/// A tapped wire to `there`.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    tapes: Arc<Mutex<Vec<Tape>>>,
}

impl Wire {
    pub(crate) async fn to(there: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let tapes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&tapes);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(there).await else { continue };
                let ((from, to), (back_from, back_to)) = (near.into_split(), far.into_split());
                carry(from, back_to, tape(&kept));
                carry(back_from, to, tape(&kept));
            }
        });
        Self { address, tapes }
    }

    /// Whatever stands between `start` and one of `ends`, wherever it went over the wire.
    pub(crate) fn between(&self, start: &str, ends: &[char]) -> Vec<String> {
        let tapes = self.tapes.lock().expect("nobody panics");
        let mut found = Vec::new();
        for tape in tapes.iter() {
            let bytes = tape.lock().expect("nobody panics").clone();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for rest in text.split(start).skip(1) {
                found.push(rest.split(ends).next().unwrap_or_default().to_owned());
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn tape(tapes: &Mutex<Vec<Tape>>) -> Tape {
    let tape = Tape::default();
    tapes.lock().expect("nobody panics").push(Arc::clone(&tape));
    tape
}

fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, tape: Tape) {
    tokio::spawn(async move {
        let mut bytes = [0; 8_192];
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            tape.lock().expect("nobody panics").extend_from_slice(&bytes[..read]);
            if to.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    });
}
