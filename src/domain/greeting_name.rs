//! The name by which a customer is greeted, taken from whatever they call themselves on their channel.
//!
//! Profile names hold titles ("Pak Budi"), roles ("Pak RT"), handles ("ayu.skincare ✨"), shops and emoji. A greeting has
//! a title of its own, so "Kak Pak RT" is never written: where no name is left, there is none.

/// How many words of a name a greeting has at most.
const WORDS: usize = 3;

/// Said before a name; the greeting has its own.
const TITLES: &str = "kak kakak ka kk mas mz mba mbak mb mbk pak bapak bpk bp bu ibu ibuk bang abang bg bro sis sist dek adek \
    adik om oom tante teh teteh aa akang kang uda uni ci cici ce cece ko koko koh mr mrs ms miss mister sir \
    madam h hj haji hajah ust ustad ustadz ustadzah dr drs dra drg ir prof kh kyai gus ning neng mbah eyang \
    opa oma pakde bude paklik bulik dokter";

/// What somebody is, not what they are called.
const ROLES: &str = "rt rw lurah kades camat guru dosen admin adm min cs owner bos boss manager manajer sopir driver kurir \
    satpam kasir ketua sekretaris bendahara tukang marketing sales hrd finance panitia wali";

/// Parents called by their child's name: the name is the child's.
const PARENTS: &str = "mama mamah mamanya mami mommy mom bunda bundanya ayah ayahnya papa papah papi ummu ortu";

/// A profile with one of these words is a shop's, a company's or nobody's.
const NO_PERSON: &str = "toko warung warteg kedai depot rumah cv pt ud tb shop store olshop onlineshop online official butik \
    boutique collection grosir distributor supplier catering katering laundry bengkel salon barbershop \
    skincare beauty kosmetik fashion hijab gamis herbal cell ponsel komputer studio project group grup team \
    tim express expedisi ekspedisi apotek klinik sekolah yayasan masjid hotel resto cafe kafe coffee kopi \
    bakery cake frozen mart market motor mobil travel wedding decor konveksi sablon percetakan printing \
    whatsapp telegram instagram user unknown null undefined anonymous anonim noname nama name test tes";

/// Notes that people add to a name in their address book.
const NOTES: &str = "reseller dropshipper dropship agen cust customer pelanggan langganan member vip new baru lama wa hp ig fb \
    tele tiktok shopee cod";

/// The name by which the customer with this profile name is greeted; `None` where it holds no person's name.
pub(crate) fn greeting_name(profile: &str) -> Option<String> {
    profile.split(is_boundary).flat_map(|part| part.split(" - ")).find_map(name_in)
}

/// Separates a name from a shop, a slogan or a place.
fn is_boundary(c: char) -> bool {
    matches!(
        c,
        '|' | '/' | '\\' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '"' | '•' | '·' | '–' | '—' | '\n'
    )
}

fn name_in(part: &str) -> Option<String> {
    let part: String = part.chars().map(plain_letter).collect();
    let words: Vec<&str> = part.split(|c: char| !is_word(c)).map(|word| word.trim_matches(is_punctuation)).collect();
    let is_one_of = |word: &str, list: &str| list.split(' ').any(|listed| listed == word.to_lowercase());
    if words.iter().any(|word| is_one_of(word, NO_PERSON)) {
        return None;
    }
    let mut names = words.into_iter().filter(|word| !word.is_empty() && !is_one_of(word, NOTES)).peekable();
    while names.next_if(|word| is_one_of(word, TITLES)).is_some() {}
    if names.peek().is_some_and(|word| is_one_of(word, ROLES) || is_one_of(word, PARENTS)) {
        return None;
    }
    let names: Vec<String> = names.filter(|word| is_name(word)).take(WORDS).map(with_capital).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Letters, and what stands inside names, handles and degrees.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_punctuation(c) || matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{eff}')
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '.' | '\'' | '’' | '-' | '_' | '@' | '&' | '+')
}

/// Not a handle, a number, a degree or an initial.
fn is_name(word: &str) -> bool {
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '@' | '&' | '+');
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    !word.chars().any(inside) && (letters >= 2 || (letters == 1 && !word.is_ascii()))
}

/// Letters of decorative alphabets as plain ones.
fn plain_letter(c: char) -> char {
    let offset = match u32::from(c) {
        n @ 0x1d400..=0x1d6a3 => (n - 0x1d400) % 52,
        n @ 0xff21..=0xff3a => n - 0xff21,
        n @ 0xff41..=0xff5a => n - 0xff41 + 26,
        _ => return c,
    };
    let (first, offset) = if offset < 26 { ('A', offset) } else { ('a', offset - 26) };
    char::from_u32(u32::from(first) + offset).unwrap_or(c)
}

/// A name written in one case gets a capital; one in two cases stays as its owner writes it.
fn with_capital(word: &str) -> String {
    let shouted = word.chars().count() > 2 && !word.chars().any(char::is_lowercase);
    if !shouted && word.chars().any(char::is_uppercase) {
        return word.to_owned();
    }
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    first + &letters.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_customer_is_greeted_by_the_name_in_their_profile() {
        for (profile, name) in [
            ("Kartika Wulandari", "Kartika Wulandari"),
            ("Kartika W.", "Kartika"),
            ("budi", "Budi"),
            ("BUDI SANTOSO", "Budi Santoso"),
            ("Pak Budi", "Budi"),
            ("Bpk. H. Ahmad Dahlan", "Ahmad Dahlan"),
            ("Kak Rina ✨💕", "Rina"),
            ("✨Ayu✨", "Ayu"),
            ("~Dewi Anggraini~", "Dewi Anggraini"),
            ("Ibu Siti Aminah, S.Pd", "Siti Aminah"),
            ("M. Rizki", "Rizki"),
            ("Nur'aini", "Nur'aini"),
            ("Ayu | Skincare Murah", "Ayu"),
            ("Budi (Toko Jaya)", "Budi"),
            ("Toko Makmur - Pak Hendra", "Hendra"),
            ("Citra Reseller", "Citra"),
            ("Cust Joko 0812", "Joko"),
            ("Putri 🇮🇩", "Putri"),
            ("𝓜𝓪𝔂𝓪", "Maya"),
            ("McDonald", "McDonald"),
            ("Mbak Sri", "Sri"),
            ("dr. Hendra Wijaya", "Hendra Wijaya"),
            ("李小龙", "李小龙"),
            ("محمد علي", "محمد علي"),
            ("José", "José"),
            ("Muhammad Rizki Ramadhan Putra Pratama", "Muhammad Rizki Ramadhan"),
        ] {
            assert_eq!(greeting_name(profile).as_deref(), Some(name), "{profile}");
        }
    }

    #[test]
    fn where_a_profile_names_no_person_the_greeting_has_no_name() {
        for profile in [
            "",
            "  ",
            "ayu.skincare ✨",
            "@kartika.w",
            "rina_shop12",
            "Pak RT",
            "Kak Pak RT",
            "Pak RT 05",
            "Bu Guru",
            "Admin",
            "Toko Makmur Jaya",
            "CV Sinar Abadi",
            "Ayu Skincare",
            "Mama Rafa",
            "Bunda Aisyah",
            "6281234567890",
            "+62 812-3456-7890",
            "✨💕",
            "...",
            "A",
            "Kak",
            "WhatsApp User",
            "No Name",
        ] {
            assert_eq!(greeting_name(profile), None, "{profile}");
        }
    }

    proptest! {
        #[test]
        fn no_title_no_digit_and_no_sign_is_ever_left(profile in "(kak |Pak |Bu )?[\\PC]{0,30}") {
            let Some(name) = greeting_name(&profile) else { return Ok(()) };
            prop_assert!(!name.is_empty() && name.trim() == name);
            prop_assert!(!name.chars().any(|c| c.is_ascii_digit() || "@_.✨".contains(c)), "{name}");
            let first = name.split(' ').next().unwrap_or_default().to_lowercase();
            prop_assert!(!["kak", "pak", "bu"].contains(&first.as_str()), "{name}");
        }
    }
}
