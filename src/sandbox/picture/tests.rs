use super::*;

fn sketch(prompt: &str, width: u32, height: u32) -> Sketch {
    Sketch { prompt: prompt.into(), seed: 7, index: 0, width, height }
}

#[test]
fn the_same_sketch_gives_the_same_bytes_and_another_index_another_picture() {
    let first = sketch("a cat at night", 320, 240);
    let bytes = draw(&first, Format::Jpeg).unwrap();
    assert_eq!(bytes, draw(&first, Format::Jpeg).unwrap());
    let second = Sketch { index: 1, ..first };
    assert_ne!(bytes, draw(&second, Format::Jpeg).unwrap());
}

#[test]
fn every_format_is_what_it_says_and_has_the_asked_size() {
    for format in [Format::Jpeg, Format::Png, Format::Webp] {
        let bytes = draw(&sketch("tiles", 200, 120), format).unwrap();
        let guess = image::guess_format(&bytes).unwrap();
        assert_eq!(guess.to_mime_type(), format.content_type());
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (200, 120));
    }
}

#[test]
fn every_motif_draws_at_extreme_ratios() {
    for (_, stems) in MOTIFS {
        for (width, height) in [(1024, 128), (128, 1024), (1, 1)] {
            draw(&sketch(stems[0], width, height), Format::Jpeg).unwrap();
        }
    }
}

#[test]
fn a_size_that_cannot_be_is_refused() {
    for (width, height) in [(0, 10), (10, 0), (SIDE_MAX + 1, 10)] {
        assert!(matches!(draw(&sketch("x", width, height), Format::Png), Err(Error::Size { .. })));
    }
}

#[test]
fn words_choose_by_their_beginning() {
    assert!(begins("cats", "cat"));
    assert!(!begins("catalogue", "cat"));
    assert!(begins("кошка", "кош"));
}
