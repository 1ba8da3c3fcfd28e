//! Golden screens of what keys open: the actions popup, the choice of a time.
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

#[test]
fn the_choice_of_a_time_fits_every_size_in_both_languages() {
    for locale in Locale::ALL {
        for (width, height) in [(40, 12), (80, 24), (140, 45)] {
            let (store, ..) = two_conversations();
            let mut screen = TestScreen::new(store, locale, (width, height));
            screen.keys("enter 'Sudah kami kirim ya' ctrl-x w");
            insta::assert_snapshot!(format!("send_later_{width}x{height}_{}", locale.as_str()), screen.drawn());
            screen.keys("'lus'");
            insta::assert_snapshot!(format!("send_later_typed_{width}x{height}_{}", locale.as_str()), screen.drawn());
            screen.keys("'a 9.30' enter");
            insta::assert_snapshot!(format!("scheduled_{width}x{height}_{}", locale.as_str()), screen.drawn());
            screen.keys("ctrl-x z");
            insta::assert_snapshot!(format!("snooze_{width}x{height}_{}", locale.as_str()), screen.drawn());
        }
    }
}
