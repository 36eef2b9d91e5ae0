//! Hanging up on a body that nobody read.
//!
//! actix closes the connection after an answer to a request whose body was not read to its end, with
//! one exception: a chunked body that was dropped is read on for as long as the peer likes to send it.
//! A stranger could hold a connection for ever that way. So the answer holds the body until it is
//! sent, and the exception never applies.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header,
};
use bytes::Bytes;
use futures::Stream;

/// One body in two hands: the route's, which may drop it, and the answer's.
#[derive(Clone)]
pub(super) struct Held(Rc<RefCell<Payload>>);

impl Held {
    /// Holds the request's body if it is one that needs it.
    pub(super) fn take(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return None;
        }
        let held = Self(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
        Some(held)
    }
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// An answer that holds the request's body until it is sent.
pub(super) struct Answer {
    body: BoxBody,
    held: Option<Held>,
}

impl Answer {
    pub(super) fn to<B: MessageBody + 'static>(
        response: ServiceResponse<B>,
        held: Option<Held>,
    ) -> ServiceResponse<Self> {
        response.map_body(|_, body| Self { body: body.boxed(), held })
    }
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.body.as_pin_mut().poll_next(cx)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        match (self.body, self.held) {
            (body, None) => body.try_into_bytes().map_err(|body| Self { body, held: None }),
            (body, held) => Err(Self { body, held }),
        }
    }
}
