"""What an answer tells, on cases written by hand: which are found, and which must not be."""

import pytest

from tests.quality_cases import find_answers, look_at

CUT = [
    "Lamini is a platform for developers. It can be used to train models on your data and to serve the resu",
    "There are three reasons for this. The first one is that the price of a house depends on",
    "You can install it with pip. After that you can import the package and",
    "The mitochondrion is the part of the cell which is responsible for the",
    "Here is a list of the things that you will need for this recipe: flour, sugar, eggs,",
    "To do this, follow the steps that are written in the documentation, which are these:",
    "The function opens the file and reads it line by line (as was said above, and as the manual has it (",
    "Here is the code:\n\n```python\ndef read(path):\n    return open(path)",
    "Es gibt drei Gründe dafür. Der erste ist, dass der Preis eines Hauses von der Lage abhängt und",
    "Il y a trois raisons principales. La première est que le prix dépend de la taille et des",
    "Hay tres razones importantes. La primera es que el precio depende mucho de los",
    "Это очень важный вопрос. Ответ на него зависит от того, что именно вы хотите сделать и",
    "这是一个很好的问题。我们可以从三个方面来看：第一是价格，第二是质量。最后一个方面就是我们应该如何去",
    "これは良い質問です。まず最初に、データを用意して、それからモデルを",
    "यह एक अच्छा प्रश्न है। इसका उत्तर इस बात पर निर्भर करता है कि आप क्या करना चाहते हैं और",
]
WHOLE = [
    "",
    "Paris",
    "42",
    "yes",
    "The capital of France is Paris",
    "The answer is short. It is Paris",
    "It is a platform. It trains models.",
    "It is a platform. It trains models…",
    "He asked a question. “Is it true?”",
    "This is bold. It ends in **bold text here.**",
    "The steps are as follows:\n- Open the file. Read it line by line\n- Close the file. Say that it is done",
    "1. Open the file. Then read it all\n2. Close the file. Then leave the room",
    "# Title of the page\n\nSome text is here. It is whole.\n\n## See also the next one",
    "You can read more of it there. See the pages at https://lamini-ai.github.io/docs",
    "Write to us if you have questions. The address of our support is support@lamini.ai",
    "The value follows from the equation above. So we have that x = y",
    "Dear Ann,\n\nThank you for your letter. I will come.\n\nBest regards,",
    "Dear Ann,\n\nThank you for your letter. I will come.\n\nSincerely,\nJohn Smith",
    "It was written by a famous writer. The writer is Dr. Jane Austen.",
    "The book was written by Prof. Smith and colleagues",
    "They use tools such as hammers, saws, etc. and nails",
    "```python\nprint('done')\n```",
    "```print('done')```",
    "Write it so: ```print('done')``` and it is done.",
    "````markdown\n```python\nprint('done')\n```\n````",
    "SELECT name FROM users WHERE id = 3",
    "def add(a, b):\n    return a + b",
    "ประเทศไทยมีเมืองหลวงชื่อกรุงเทพมหานคร และมีประชากรมากกว่าแปดล้านคน",
    "这是一个很好的问题。答案是北京。",
    "首都是北京",
    "これは良い質問です。答えは東京です。",
    "هذا سؤال جيد. الجواب هو القاهرة.",
    "यह एक अच्छा प्रश्न है। उत्तर दिल्ली है।",
    "That is great news! Have a wonderful day 😊",
    "I am so sad about what has happened to you and your family :(",
    "{\"name\": \"Ann\", \"age\": 3}",
    "| a | b |\n|---|---|\n| one thing. And another | two |",
    "Roses are red, violets are blue,\nsugar is sweet, and so are you",
    "The word that joins two clauses is and",
]  # fmt: skip


def test_ends_that_are_cut_are_found_in_several_languages(tmp_path):
    assert find_answers(tmp_path, "truncated-answer", CUT) == CUT


def test_whole_answers_are_not_called_cut(tmp_path):
    assert find_answers(tmp_path, "truncated-answer", WHOLE) == []


def test_a_cut_end_is_quoted(tmp_path):
    looked = look_at(tmp_path, [{"question": "Q?", "answer": CUT[1]}, {"question": "R?", "answer": CUT[7]}])
    first, second = looked.told("truncated-answer")
    assert first.why == "ends with “of a house depends on”"
    assert first.text.endswith("depends on")
    assert second.why == "a code block is not closed"


REFUSALS = [
    "As an AI language model, I do not have personal opinions.",
    "I'm sorry, but I cannot help with that request.",
    "I’m sorry, but I can’t assist with that.",
    "Sorry, I am unable to provide this information.",
    "Unfortunately, I cannot browse the internet.",
    "I cannot fulfill your request.",
    "I am not able to provide legal advice.",
    "Well, as a large language model, I have no body.",
    "I'm just an AI, I do not eat.",
    "I don't have personal feelings, but thank you for asking.",
    "Let’s keep the discussion relevant to Lamini.",
    "Als KI-Sprachmodell habe ich keine Meinung.",
    "Es tut mir leid, aber ich kann dir dabei nicht helfen. Leider kann ich diese Frage nicht beantworten.",
    "En tant que modèle de langage, je n'ai pas d'opinion.",
    "Je suis désolé, mais je ne peux pas répondre.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "Como modelo de lenguaje, no tengo opiniones.",
    "Desculpe, mas não posso ajudar com isso.",
    "Mi dispiace, ma non posso aiutarti.",
    "Как языковая модель, я не имею мнения.",
    "作为一个人工智能语言模型，我没有个人观点。",
    "抱歉，我无法回答这个问题。",
    "AIアシスタントとして、個人的な意見はありません。",
    "죄송하지만 그 질문에는 답변할 수 없습니다.",
]
ANSWERS = [
    "An AI language model is a program that predicts the next word.",
    "Lamini, as an LLM engine, is made to help developers.",
    "GPT-4 is a large language model from OpenAI.",
    "I am sorry to hear that you are ill.",
    "You cannot help with that, said the doctor.",
    "The company said that it cannot provide refunds after 30 days.",
    "I can help with that request. First, open the file.",
    "He could not answer the question, because he was not there.",
    "It is against company policy to smoke here.",
    "Unfortunately, the shop is closed on Sundays.",
    "Sorry is what people say when they apologise.",
    "Ich kann dir dabei helfen.",
    "Je peux vous aider.",
    "Un modelo de lenguaje es un programa.",
    "人工智能是计算机科学的一个分支。",
    "人工知能は計算機科学の一分野です。",
]  # fmt: skip


def test_refusals_are_found_in_several_languages(tmp_path):
    assert find_answers(tmp_path, "refusal", REFUSALS) == REFUSALS


def test_answers_that_only_speak_of_models_or_regret_are_not_refusals(tmp_path):
    assert find_answers(tmp_path, "refusal", ANSWERS) == []


def test_the_phrase_of_a_refusal_is_quoted(tmp_path):
    looked = look_at(tmp_path, [{"question": "Q?", "answer": REFUSALS[1]}])
    assert looked.told("refusal")[0].why == "says “I'm sorry, but I cannot”"


def test_a_refusal_far_into_an_answer_is_part_of_it(tmp_path):
    late = "The dialogue goes on for a long time. " * 10 + "As an AI language model, I cannot say."
    assert find_answers(tmp_path, "refusal", [late]) == []


@pytest.mark.parametrize("answer", ["", None])
def test_an_answer_that_is_not_there_is_empty_and_one_of_blanks_is_blank(tmp_path, answer):
    rows = [
        {"question": "a", "answer": answer},
        {"question": "b"},
        *({"question": "c", "answer": blank} for blank in (" ", "\n\t", "\u200b", "\ufeff \u00a0", "\u3164")),
        *({"question": "d", "answer": text} for text in ("0", ".", "-", "false", "न")),
    ]
    looked = look_at(tmp_path, rows)
    assert looked.rows("empty-answer") == [0, 1]
    assert looked.rows("whitespace-answer") == [2, 3, 4, 5, 6]
    assert looked.told("empty-answer")[0].why == "there is no answer"


def test_answers_of_other_types_are_empty_when_they_hold_nothing(tmp_path):
    rows = [{"question": "a", "answer": value} for value in (0, False, 1.5, {"a": 1}, "", None)]
    assert look_at(tmp_path, rows).rows("empty-answer") == [4, 5]


def test_a_question_that_the_answer_repeats_is_found(tmp_path):
    rows = [
        {"question": "What is the capital of France?", "answer": "What is the capital of France? Paris."},
        {
            "question": "What is the capital of France?",
            "answer": "Question: what is the CAPITAL of France\nIt…",
        },
        {"question": "什么是大语言模型的微调方法？", "answer": "什么是大语言模型的微调方法？它是一种方法。"},
        {
            "question": "Was ist die Hauptstadt von Österreich?",
            "answer": "was ist die Hauptstadt von Österreich",
        },
    ]
    looked = look_at(tmp_path, rows)
    assert looked.rows("question-in-answer") == [0, 1, 2, 3]
    assert looked.told("question-in-answer")[0].why == "repeats “What is the capital of France?”"


def test_an_answer_that_takes_up_words_of_the_question_does_not_repeat_it(tmp_path):
    rows = [
        {"question": "What is the capital of France?", "answer": "The capital of France is Paris."},
        {"question": "Hello", "answer": "Hello! How are you?"},
        {"question": "Repeat: yes", "answer": "Repeat: yes"},
        {"question": "Is it true?", "answer": "Is it true? I think so."},
        {
            "question": "Who said that he was there?",
            "answer": "Long ago " * 20 + "Who said that he was there?",
        },
        {"question": "", "answer": "Something"},
    ]
    assert look_at(tmp_path, rows).rows("question-in-answer") == []


def test_of_an_instruction_with_an_input_the_instruction_is_the_question(tmp_path):
    alpaca = {"prompt": "{instruction}\n{input}", "completion": "{output}"}
    asked = {"instruction": "Correct the spelling of this sentence.", "input": "He go to the park every day."}
    rows = [
        asked | {"output": "He go to the park every day. He goes."},
        asked | {"output": "Correct the spelling of this sentence. He goes."},
    ]
    assert look_at(tmp_path, rows, template=alpaca).rows("question-in-answer") == [1]
