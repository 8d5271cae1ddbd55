//! What reads images: the bundles in use, and the router that chooses among several of them.

use domain::{Failure, FailureCode, ModelVersion, OperatingPoint};
use engine::Bundle;

use super::trust::Trusted;

#[derive(Debug)]
pub struct Readers {
    /// At least one; more only where there is a router.
    bundles: Vec<Bundle>,
    router: Option<Bundle>,
    /// A person named the only one.
    named: bool,
}

/// Who reads an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// By its place among those in use.
    Bundle(usize),
    /// None of the bundles; the router says so.
    None,
}

impl Readers {
    pub fn only(bundle: Trusted) -> Self {
        Self {
            bundles: vec![bundle.into_bundle()],
            router: None,
            named: true,
        }
    }

    /// Of all bundles in use.
    ///
    /// # Errors
    /// `no_active_bundle` where none reads images; `usage` where several do and no router chooses.
    pub fn of(active: Vec<Trusted>) -> Result<Self, Failure> {
        let active = active.into_iter().map(Trusted::into_bundle);
        let (mut routers, bundles): (Vec<Bundle>, Vec<Bundle>) =
            active.partition(|bundle| bundle.metadata.route().is_some());
        match (bundles.len(), routers.pop()) {
            (0, _) => Err(Failure::new(
                FailureCode::NoActiveBundle,
                "no model that reads images is in use; activate a version of one",
            )),
            (1, _) => Ok(Self {
                bundles,
                router: None,
                named: false,
            }),
            (_, Some(router)) => Ok(Self {
                bundles,
                router: Some(router),
                named: false,
            }),
            (_, None) => {
                let names: Vec<&str> = bundles.iter().map(|bundle| bundle.model.bundle.as_str()).collect();
                Err(Failure::usage(format!(
                    "several models are in use ({}), and no router chooses among them; name one, or activate the router",
                    names.join(", ")
                )))
            }
        }
    }

    /// Whether a person named the bundle that reads everything.
    pub fn named(&self) -> bool {
        self.named
    }

    /// Those that read images, by their place.
    pub fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }

    pub fn router(&self) -> Option<&Bundle> {
        self.router.as_ref()
    }

    /// All of them, the router too.
    pub fn all(&self) -> impl Iterator<Item = &Bundle> {
        self.bundles.iter().chain(&self.router)
    }

    /// Their versions.
    pub fn models(&self) -> Vec<ModelVersion> {
        self.all().map(|bundle| bundle.model.clone()).collect()
    }

    /// The bundle that a reader stands for; without a router the only one reads everything.
    pub fn get(&self, reader: Reader) -> (&Bundle, &OperatingPoint) {
        let bundle = match (reader, &self.router) {
            (Reader::Bundle(place), _) => &self.bundles[place],
            (Reader::None, Some(router)) => router,
            (Reader::None, None) => &self.bundles[0],
        };
        (bundle, &bundle.metadata.operating_points[0])
    }

    /// The reader for one of the router's routes: none where that bundle is not in use.
    pub fn routed(&self, route: Option<&str>) -> Reader {
        let place = route.and_then(|name| self.bundles.iter().position(|bundle| bundle.model.bundle == name));
        place.map_or(Reader::None, Reader::Bundle)
    }
}
