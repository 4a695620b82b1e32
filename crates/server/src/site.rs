//! Where the server is reached, and so which hosts, origins and cookies it believes in.

use std::net::{IpAddr, SocketAddr};

use axum::http::Uri;
use axum::http::uri::Authority;

/// Where the server is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    public: Option<Public>,
    plain_http: bool,
}

/// The address under which people know the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Public {
    https: bool,
    /// Host, and the port where it is not the usual one; small letters.
    authority: String,
}

/// Why an address cannot be the server's. `Display` is a Chinese sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// No address of a site.
    #[error("--public-url“{0}”看不懂：请写成 https://主机名，不带路径")]
    Url(String),
    /// Without encryption everybody on the way reads along.
    #[error(
        "--public-url“{0}”没有加密：请用 https://，由反向代理加密；内网确需明文时加 --plain-http"
    )]
    Plain(String),
}

impl SiteError {
    /// The sentence in English.
    #[must_use]
    pub fn in_english(&self) -> String {
        match self {
            Self::Url(url) => {
                format!("--public-url {url} is not understood: write https://HOST without a path")
            }
            Self::Plain(url) => format!(
                "--public-url {url} is not encrypted: write https://, with a proxy that encrypts, or add --plain-http"
            ),
        }
    }
}

impl Site {
    /// The site of a public address, and whether plain HTTP may leave this machine.
    ///
    /// # Errors
    /// When the address is none of a site, or is not encrypted and that is not allowed.
    pub fn new(public_url: Option<&str>, plain_http: bool) -> Result<Self, SiteError> {
        let public = public_url.map(|url| Public::read(url, plain_http));
        Ok(Self {
            public: public.transpose()?,
            plain_http,
        })
    }

    /// Whether the server may listen there: beyond this machine only where the way is encrypted,
    /// or plain HTTP has been allowed by name.
    #[must_use]
    pub fn may_listen(&self, addr: SocketAddr) -> bool {
        addr.ip().is_loopback() || self.plain_http || self.is_https()
    }

    /// Whether people come over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.https)
    }

    /// Whether a request may name this host: a page elsewhere could otherwise point its own name
    /// at this server (DNS rebinding).
    pub(crate) fn knows_host(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        let is_public = self
            .public
            .as_ref()
            .is_some_and(|public| public.authority == authority.as_str().to_ascii_lowercase());
        let bare = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let address = bare.parse::<IpAddr>();
        is_public
            || bare.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|ip| self.plain_http || ip.is_loopback())
    }

    /// Whether an `Origin` is this server's own, in a request to `host`.
    pub(crate) fn is_own(&self, origin: &str, host: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let is_public = self.public.as_ref().is_some_and(|public| {
            let scheme = if public.https { "https" } else { "http" };
            origin == format!("{scheme}://{}", public.authority)
        });
        is_public || origin == format!("http://{}", host.to_ascii_lowercase())
    }

    /// Name of the session cookie. The prefix makes browsers hold it to this host, to HTTPS (or
    /// this machine) and to no path.
    pub(crate) fn cookie(&self) -> &'static str {
        if self.plain_http {
            "qipan"
        } else {
            "__Host-qipan"
        }
    }

    /// `Set-Cookie` with a session, or one that takes it away.
    pub(crate) fn set_cookie(&self, secret: Option<&str>) -> String {
        let name = self.cookie();
        let secure = if self.plain_http { "" } else { "; Secure" };
        let (value, end) = match secret {
            Some(secret) => (secret, ""),
            None => ("", "; Max-Age=0"),
        };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
    }

    /// The address under which a request to `host` has come.
    #[cfg(feature = "oidc")]
    pub(crate) fn base(&self, host: &str) -> String {
        match &self.public {
            Some(public) => {
                let scheme = if public.https { "https" } else { "http" };
                format!("{scheme}://{}", public.authority)
            }
            None => format!("http://{host}"),
        }
    }

    /// Name of the cookie of a browser that is away at the single sign-on.
    #[cfg(feature = "oidc")]
    pub(crate) fn away(&self) -> &'static str {
        if self.plain_http {
            "qipan-away"
        } else {
            "__Host-qipan-away"
        }
    }

    /// `Set-Cookie` with what such a browser carries, or one that takes it away.
    #[cfg(feature = "oidc")]
    pub(crate) fn set_away(&self, state: Option<&str>) -> String {
        let secure = if self.plain_http { "" } else { "; Secure" };
        let (value, age) = state.map_or(("", 0), |state| (state, 600));
        let name = self.away();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
    }

    /// Whether what this peer forwards is believed: a proxy on this machine, where a public
    /// address says that there is one.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.public.is_some() && peer.is_loopback()
    }
}

impl Public {
    fn read(url: &str, plain_http: bool) -> Result<Self, SiteError> {
        let wrong = || SiteError::Url(url.to_owned());
        let uri: Uri = url.trim().parse().map_err(|_| wrong())?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if plain_http => false,
            Some("http") => return Err(SiteError::Plain(url.to_owned())),
            _ => return Err(wrong()),
        };
        let authority = uri.authority().ok_or_else(wrong)?;
        if !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
            || authority.as_str().contains('@')
        {
            return Err(wrong());
        }
        let usual = if https { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority
            .strip_suffix(usual)
            .unwrap_or(&authority)
            .to_owned();
        Ok(Self { https, authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(url: &str) -> Site {
        Site::new(Some(url), false).unwrap()
    }

    #[test]
    fn only_this_machine_is_known_by_itself() {
        let local = Site::default();
        for known in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:80",
            "LOCALHOST",
            "[::1]:8080",
            "127.8.8.8",
        ] {
            assert!(local.knows_host(known), "{known}");
        }
        for other in [
            "example.com",
            "127.0.0.1.example.com",
            "10.0.0.1:80",
            "",
            "localhost.example.com",
            "[::2]",
        ] {
            assert!(!local.knows_host(other), "{other}");
        }
    }

    #[test]
    fn a_public_address_is_known_beside_it() {
        let public = site("https://Qipan.example.cn:443/");
        assert!(public.knows_host("qipan.example.cn") && public.knows_host("127.0.0.1:8080"));
        assert!(!public.knows_host("qipan.example.cn.evil.cn") && !public.knows_host("10.0.0.1"));
        assert!(public.is_own("https://qipan.example.cn", "127.0.0.1:8080"));
        assert!(public.is_own("http://127.0.0.1:8080", "127.0.0.1:8080"));
        for foreign in ["null", "https://evil.cn", "http://qipan.example.cn", ""] {
            assert!(!public.is_own(foreign, "127.0.0.1:8080"), "{foreign}");
        }
        assert!(
            public
                .set_cookie(Some("x"))
                .starts_with("__Host-qipan=x; Path=/; HttpOnly")
        );
        assert!(public.set_cookie(Some("x")).ends_with("; Secure"));
    }

    #[test]
    fn plain_http_is_asked_for_by_name() {
        let plain = Site::new(None, true).unwrap();
        assert!(plain.knows_host("10.1.2.3:8080") && !plain.knows_host("evil.example"));
        assert!(plain.set_cookie(None).starts_with("qipan=; ") && !plain.is_https());
        assert!(!plain.set_cookie(None).contains("Secure"));
        let refused = Site::new(Some("http://qipan.example.cn"), false);
        assert!(matches!(refused, Err(SiteError::Plain(_))));
        for wrong in [
            "qipan.example.cn",
            "https://a/b",
            "https://u@a",
            "ftp://a",
            "",
        ] {
            assert!(
                matches!(Site::new(Some(wrong), true), Err(SiteError::Url(_))),
                "{wrong}"
            );
        }
        let everywhere = "0.0.0.0:80".parse().unwrap();
        assert!(!Site::default().may_listen(everywhere));
        assert!(plain.may_listen(everywhere) && site("https://a.cn").may_listen(everywhere));
    }
}
