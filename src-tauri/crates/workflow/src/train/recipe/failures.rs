//! What a person saw on the image sheets of the shipped weights (`evaluate --out`). Apart from the recipes, for
//! words that are written after a training do not change what it was.

use super::Failures;

pub const FLAIR: Failures = Failures {
    weights_sha256: "3c6f6b0388ce87ee060ac956541e638090baa67c1619fd5224551110632b2248",
    words: "Faint or small lesions are called clear, most of them at the top of the head, in the temporal lobe or \
                at the first and last slice of a lesion, at times with the peak elsewhere. Bright patches without \
                a lesion in the insula, the temporal pole, the cerebellum and beside the falx are flagged, one \
                with 0.970, as is a slice through the very top of the head that shows little but bright scalp.",
};

pub const T1C: Failures = Failures {
    weights_sha256: "8e7bceeef791b68d589ca373fa4bd6077e85552ca671361a106deb526d7e6a45",
    words: "Tumours that hardly enhance, as grey as brain or dark, in the cerebellum, the frontal and the temporal lobe \
            and in the ventricles, and the last few pixels of a tumour: not outlined, while a ventricle, the pituitary \
            gland, a sinus or a vessel is, with scores up to 0.995. A sagittal slice with a large ring of enhancement \
            was refused.",
};

pub const BREAST: Failures = Failures {
    weights_sha256: "eadcf5a90ea740628feed5778b5d99bb10a9ec596cd566bfa709bb5e089b4b7a",
    words: "Masses and lymph nodes as grey as the tissue around them, most in pictures of the axilla: flagged, \
               yet with the peak elsewhere and no outline or one of other tissue. A large malignant mass without \
               a border was called clear. Bright masses are not outlined, and of one with spicules only the dark \
               core is. A dark spot above a shadow in normal tissue is flagged as a mass.",
};

pub const CHEST: Failures = Failures {
    weights_sha256: "962250e191bd2224c4175bada2f8c56a95b4cbef1fbcbf4194a8be7b5b158044",
    words: "Films with pneumonia whose lungs are well aired and without a large opacity, most of viral kind, \
               are called clear. Bright, turned or badly inspired normal films with a wide heart are flagged. \
               What it outlines is coarse, the heart and much of a lung, and its peak may lie on spine or \
               diaphragm: it says whether, and hardly where. Two normal films with wide black borders were refused.",
};

pub const ROUTER: Failures = Failures {
    weights_sha256: "ccca8d28872b8160bfa00d78f54daee48fd51a97ff6fcc5c8a476437d8690e95",
    words: "One contrast-enhanced T1 slice in eighteen is not sent to its model, most of these to that of FLAIR, \
               and cropped pictures, every second one of a breast, are sent to the model of the whole ones, whose \
               own gate then decides.",
};
