//! The customers' own page. Plans are changed in Herald, where the consequences are shown; the page
//! ends a subscription only with its period.

use super::Run;
use crate::{
    call::Call,
    notes,
    wire::{List, nullable},
};
use herald_application::ports::payments::{PaymentFailure, WantedPortal};
use serde::Deserialize;
use std::collections::BTreeMap;
use stripe_billing::billing_portal_configuration::{
    CreateBillingPortalConfiguration, CreateBillingPortalConfigurationBusinessProfile,
    CreateBillingPortalConfigurationFeatures,
    CreateBillingPortalConfigurationFeaturesCustomerUpdate,
    CreateBillingPortalConfigurationFeaturesCustomerUpdateAllowedUpdates as Allowed,
    CreateBillingPortalConfigurationFeaturesSubscriptionCancel,
    CreateBillingPortalConfigurationFeaturesSubscriptionCancelMode as CancelMode, InvoiceListParam,
    ListBillingPortalConfiguration, PaymentMethodUpdateParam,
};

/// The note by which ours is found among others.
const MARK: (&str, &str) = ("herald", "portal");

#[derive(Debug, Deserialize)]
struct Configuration {
    id: String,
    #[serde(default, deserialize_with = "nullable")]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    default_return_url: Option<String>,
}

impl Run<'_> {
    pub(super) async fn portal(&mut self, wanted: &WantedPortal) -> Result<(), PaymentFailure> {
        let list = ListBillingPortalConfiguration::new().active(true).limit(100);
        let there: List<Configuration> = self.stripe.ask(Call::new("list_portals", &list)).await?;
        let ours = |it: &Configuration| it.metadata.get(MARK.0).is_some_and(|it| it == MARK.1);
        if let Some(there) = there.data.into_iter().find(ours) {
            let found = there.default_return_url.unwrap_or_default();
            if found != wanted.return_to.as_str() {
                let differ = (wanted.return_to.to_string(), found);
                self.differs("portal", &there.id, "return address", differ, false);
            }
            self.done.portal = Some(there.id);
            return Ok(());
        }
        let Some(key) = self.missing("portal", "herald") else { return Ok(()) };
        let call = Call::new("create_portal", &create(wanted)).keyed(&key);
        let made: Configuration = self.stripe.ask(call).await?;
        self.done.portal = Some(made.id);
        Ok(())
    }
}

fn create(wanted: &WantedPortal) -> CreateBillingPortalConfiguration {
    let mut update = CreateBillingPortalConfigurationFeaturesCustomerUpdate::new(true);
    update.allowed_updates = Some(vec![Allowed::Email, Allowed::Address, Allowed::TaxId]);
    let mut cancel = CreateBillingPortalConfigurationFeaturesSubscriptionCancel::new(true);
    cancel.mode = Some(CancelMode::AtPeriodEnd);
    let mut features = CreateBillingPortalConfigurationFeatures::new();
    features.customer_update = Some(update);
    features.subscription_cancel = Some(cancel);
    features.invoice_history = Some(InvoiceListParam { enabled: true });
    features.payment_method_update =
        Some(PaymentMethodUpdateParam { enabled: true, payment_method_configuration: None });
    let mut profile = CreateBillingPortalConfigurationBusinessProfile::new();
    profile.privacy_policy_url = wanted.privacy_policy.as_ref().map(ToString::to_string);
    profile.terms_of_service_url = wanted.terms.as_ref().map(ToString::to_string);
    CreateBillingPortalConfiguration::new(features)
        .business_profile(profile)
        .default_return_url(wanted.return_to.as_str())
        .metadata(notes([(MARK.0, MARK.1.to_owned())]))
}
