//! The submission of routing forms.

/// Sets the parameters of a submission, sends it, and reads where the answers lead.
macro_rules! submit {
    ($answers:ident, $request:expr) => {
        crate::facade::fetch_documented(
            $request
                .set($answers.time_zone.as_deref(), |request, zone| request.time_zone(zone))
                .set($answers.duration, |request, minutes| request.duration(minutes.into())),
        )
        .await
    };
}

pub(super) use submit;
