//! Calls the service through the proxy of a company, and trusts the company's certificates besides the system's.
//!
//! With `CALCOM_API_KEY` it runs on the service: `COMPANY_PROXY` is the address of the proxy, `COMPANY_ROOTS` a file of certificates
//! (PEM). By default it runs on an embedded fake of the service, behind a proxy that this program starts.

use std::error::Error;

use calcom::{
    ApiKey, Client, ClientBuilder,
    reqwest::{Certificate, Proxy},
};
use calcom_fake::FakeCalcom;
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(key) = std::env::var("CALCOM_API_KEY") {
        let builder = Client::builder().config(calcom::Config::from_env()?).credentials(ApiKey::new(key));
        return greet(builder, &std::env::var("COMPANY_PROXY")?).await;
    }
    println!("CALCOM_API_KEY is not set: using an embedded fake of the service, behind a proxy.\n");
    let fake = FakeCalcom::start().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await?;
    let address = proxy.local_addr()?;
    let service = fake.url().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = proxy.accept().await {
            println!("The proxy connects to the service.");
            let mut server = TcpStream::connect(&service).await?;
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
        Ok::<_, std::io::Error>(())
    });
    let builder = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url("http://localhost:9");
    greet(builder, &format!("http://{address}")).await
}

/// Calls the service, however `builder` names it, through `proxy`.
async fn greet(builder: ClientBuilder, proxy: &str) -> Result<(), Box<dyn Error>> {
    let proxy = Proxy::all(proxy)?;
    let roots = match std::env::var_os("COMPANY_ROOTS") {
        Some(file) => Certificate::from_pem_bundle(&std::fs::read(file)?)?,
        None => Vec::new(),
    };
    let client =
        builder.http_client(|http| http.proxy(proxy).tls_certs_merge(roots).user_agent("clinic/1.0")).build()?;
    client.connect().await?;
    println!("The connection stands.");
    let me = client.me().get().await?;
    println!("I am {}, in {}.", me.username.as_deref().unwrap_or("nobody"), me.time_zone);
    Ok(())
}
