"""Turns a text into tensors: python read_text.py [FILE]. Without a FILE it takes a few lines of its own."""

import pathlib
import re
import sys
from collections import Counter

import lampas

TEXT = """Trăm năm trong cõi người ta,
Chữ tài chữ mệnh khéo là ghét nhau.
Trải qua một cuộc bể dâu,
Những điều trông thấy mà đau đớn lòng."""


def words_of(text):
    """Return the words of a text in small letters; NLTK and spaCy know more of each language."""
    return re.findall(r"\w+", text.lower())


class Vocabulary:
    """Numbers for words, the frequent ones first; 0 stands for every unknown word."""

    def __init__(self, words):
        self.words = ["<unknown>", *(word for word, _ in Counter(words).most_common())]
        self.numbers = {word: number for number, word in enumerate(self.words)}

    def __len__(self):
        return len(self.words)

    def encode(self, words):
        """Return the words' numbers as an int64 tensor of shape (len(words),)."""
        return lampas.tensor([self.numbers.get(word, 0) for word in words])

    def decode(self, numbers):
        """Return the words of a tensor of numbers."""
        return [self.words[number] for number in numbers.tolist()]


def windows(numbers, length):
    """Return (inputs, targets), each of shape (count, length): every target is the next word of its input."""
    pieces = numbers.unfold(0, length + 1, 1)
    return pieces[:, :-1], pieces[:, 1:]


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8") if sys.argv[1:] else TEXT
    words = words_of(text)
    vocabulary = Vocabulary(words)
    numbers = vocabulary.encode(words)
    print("words:", len(words), "different:", len(vocabulary) - 1)
    print("first line as numbers:", numbers[:6].tolist())
    print("and back:", " ".join(vocabulary.decode(numbers[:6])))
    inputs, targets = windows(numbers, 4)
    print("inputs and targets of a language model:", tuple(inputs.shape), tuple(targets.shape))


if __name__ == "__main__":
    main()
