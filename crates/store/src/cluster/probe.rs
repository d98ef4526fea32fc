//! Asks a port whether PostgreSQL answers there. An open port would not do: the kernel accepts connections for a server
//! that is being killed.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// `SSLRequest` of PostgreSQL's protocol, chapter "Message Formats": its length and a code. Every server answers it with
/// one byte before any password is asked for, and logs nothing.
const REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

pub(super) fn answers(port: u16) -> bool {
    let ask = || {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(&REQUEST)?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| matches!(&answer, b"N" | b"S"))
}
