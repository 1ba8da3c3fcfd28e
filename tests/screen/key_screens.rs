//! Golden screens of what keys open: the actions popup.
use crate::kit::TestScreen;
use crate::scenes::two_conversations;
use loket::config::Locale;

#[test]
fn the_popup_fits_every_size_in_both_languages() {
    for locale in Locale::ALL {
        for (width, height) in [(40, 12), (80, 24), (140, 45)] {
            let (store, ..) = two_conversations();
            store.change_account("toko", |account| {
                account.capabilities.location = false;
                account.capabilities.card = false;
            });
            let mut screen = TestScreen::new(store, locale, (width, height));
            screen.keys("enter ctrl-x");
            insta::assert_snapshot!(format!("actions_{width}x{height}_{}", locale.as_str()), screen.drawn());
        }
    }
}
