//! Errors in the form of the older versions.

use super::super::super::super::reply::Reply;

pub(super) fn http_exception(status: u16, message: &str) -> Reply {
    Reply::error(status, "HttpException", message.to_owned(), Some(message.into()))
}
