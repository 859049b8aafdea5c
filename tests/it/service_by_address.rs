//! Which service a client is configured for: by its address, or set.

use calcom::{Config, Contract, config::ServiceKind};

#[test]
fn the_service_is_known_by_its_address_unless_it_is_set() {
    let mut config = Config::default();
    for (address, contract) in [
        ("https://api.cal.com/v2", Contract::Hosted),
        ("https://API.CAL.EU", Contract::Hosted),
        ("https://api.cal.com:8443/v2", Contract::Hosted),
        ("https://api.cal.eu./v2", Contract::Hosted),
        ("https://api.cal.com@cal.example.org", Contract::SelfHosted),
        ("https://cal.example.org/v2", Contract::SelfHosted),
        ("https://api.cal.com.example.org/v2", Contract::SelfHosted),
        ("http://127.0.0.1:5555", Contract::SelfHosted),
        ("HTTPS://Api.Cal.Com/V2", Contract::Hosted),
        ("https://api.cal.eu:443/", Contract::Hosted),
        ("https://api.cal.com/some/path/v2/", Contract::Hosted),
        ("  https://api.cal.com/v2\n", Contract::Hosted),
        ("https://api%2Ecal%2Ecom/v2", Contract::Hosted),
        ("https://api.cal.com..", Contract::SelfHosted),
        ("https://api.cal.com.evil.org", Contract::SelfHosted),
        ("https://evil.org/api.cal.com", Contract::SelfHosted),
        ("https://evil.org?api.cal.com", Contract::SelfHosted),
        ("https://evil.org#@api.cal.com", Contract::SelfHosted),
        ("https://xapi.cal.com", Contract::SelfHosted),
        ("https://eu.api.cal.com", Contract::SelfHosted),
        ("https://api.cal.org", Contract::SelfHosted),
        ("https://cal.com", Contract::SelfHosted),
        ("https://api.cal.com%2eevil.org", Contract::SelfHosted),
        ("https://\u{430}pi.cal.com", Contract::SelfHosted),
        ("api.cal.com", Contract::SelfHosted),
        ("", Contract::SelfHosted),
    ] {
        config.api_url = address.to_owned();
        assert_eq!(config.contract(), contract, "{address:?}");
        for kind in [ServiceKind::Hosted, ServiceKind::SelfHosted] {
            let mut set = config.clone();
            set.service = kind;
            assert_eq!(ServiceKind::from(set.contract()), kind, "{address:?}");
        }
    }
    let read = Config::from_vars(|name| (name == "CALCOM_SERVICE").then(|| "self-hosted".to_owned())).unwrap();
    assert_eq!(read.contract(), Contract::SelfHosted);
    let error = Config::from_vars(|name| (name == "CALCOM_SERVICE").then(|| "mine".to_owned())).unwrap_err();
    assert!(error.to_string().contains("CALCOM_SERVICE"), "{error}");
}
