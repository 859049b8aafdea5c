//! A redis-server of a test's own: on a free port, without files, ended with the test.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

pub struct RedisServer {
    port: u16,
    options: Vec<String>,
    child: Option<Child>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::start_with(|port| vec!["--port".to_owned(), port.to_string()])
    }

    /// With other options for the port.
    pub fn start_with(options: impl FnOnce(u16) -> Vec<String>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, options: options(port), child: None };
        server.restart();
        server
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn pid(&self) -> String {
        self.child.as_ref().unwrap().id().to_string()
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again on the same port; it remembers nothing.
    pub fn restart(&mut self) {
        self.kill();
        let mut child = Command::new("redis-server")
            .args(&self.options)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server: Debian's package of that name; without it, test without the feature `redis`");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_ready = lines.by_ref().any(|line| line.unwrap().contains("Ready to accept connections"));
        self.child = Some(child);
        assert!(is_ready, "redis-server on port {} does not start", self.port);
        // It must find somebody to read what it says.
        std::thread::spawn(move || lines.for_each(drop));
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
