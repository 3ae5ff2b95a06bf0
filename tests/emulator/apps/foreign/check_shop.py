"""Every feature of the fixture, as a project that uses it would test its functions."""

import json

import boto3
import pytest

from emulator.pytest_plugin.invocations import FunctionFailed
from emulator.pytest_plugin.sockets import Disconnected, NotConnected
from emulator.runtime import Fault, Kind, Throttled


def test_an_api_is_called(emulator):
    made = emulator.request("POST", "/orders", body={"id": "7", "count": 2})

    assert made.status == 200
    assert made.json == {"id": "7", "count": 2, "price": 20, "currency": "EUR"}
    assert emulator.request("GET", "/orders/7").headers["x-order"] == "7"
    assert emulator.request("GET", "/orders/8").status == 404
    assert emulator.url.startswith("http://127.0.0.1:")
    [first, *_] = emulator.invocations("orders")
    assert (first.origin, first.answer["statusCode"]) == ("http", 200)
    assert "order 7 placed" in first.logs
    assert first.logs.startswith("START RequestId: ")


def test_what_the_function_uses_can_be_patched(emulator, monkeypatch):
    monkeypatch.setattr(emulator.module("orders", "pricing"), "price", lambda order: 1)

    assert emulator.request("POST", "/orders", body={"id": "7", "count": 2}).json["price"] == 1


def test_a_module_that_is_kept_keeps_its_globals_until_a_cold_start(emulator):
    emulator.request("POST", "/orders", body={"id": "9", "count": 1})
    assert emulator.request("GET", "/orders/9").status == 200

    emulator.cold_start("orders")

    assert emulator.request("GET", "/orders/9").status == 404


@pytest.mark.emulator(parameters={"Currency": "SEK"})
def test_parameters_reach_modules_that_read_them_at_their_head(emulator):
    assert emulator.request("POST", "/orders", body={"id": "7", "count": 1}).json["currency"] == "SEK"


def test_they_are_back_afterwards(emulator):
    assert emulator.request("POST", "/orders", body={"id": "7", "count": 1}).json["currency"] == "EUR"


def test_a_function_is_called_and_fails(emulator):
    assert emulator.invoke("orders", {})["table"] == "orders"

    with pytest.raises(FunctionFailed, match="LookupError: no such order") as failed:
        emulator.invoke("orders", "fail")
    assert failed.value.document["errorType"] == "LookupError"
    assert "[ERROR] LookupError: no such order" in failed.value.logs


def test_an_asynchronous_event_is_retried_as_time_passes(emulator):
    emulator.invoke_async("mail", {"detail": {"fail": True}})

    emulator.expect("mail", 1)
    emulator.advance("59s")
    emulator.expect("mail", 1)
    emulator.advance(1)
    emulator.expect("mail", 2)
    emulator.advance("2m")
    emulator.expect("mail", 3, where=lambda each: each.error["errorMessage"] == "no mail today")
    [record] = emulator.delivered("failed")
    assert record.document["requestContext"]["condition"] == "RetriesExhausted"
    assert record.document["responsePayload"]["errorType"] == "RuntimeError"
    assert [json.loads(each) for each in emulator.messages("failed")] == [record.document]


def test_all_retries_happen_at_their_times_in_one_long_leap(emulator):
    emulator.invoke_async("mail", {"detail": {"fail": True}})
    emulator.advance("1h")

    emulator.expect("mail", 3)


def test_an_object_wakes_the_functions_that_asked(emulator):
    assert len(emulator.notify("uploads", "in/a b.png", size=5)) == 1
    assert emulator.notify("uploads", "in/a.txt") == []
    assert emulator.notify("uploads", "in/a.png", event="ObjectRemoved:Delete") == []

    [resized] = emulator.expect("resize")
    assert (resized.answer, resized.origin) == ("in/a+b.png", "s3")


def test_a_schedule_fires_when_its_time_has_come(emulator):
    emulator.advance("59m")
    emulator.expect("report", 0)
    emulator.advance("2h 1m")
    emulator.expect("report", 3, where=lambda each: each.origin == "schedule")


def test_an_event_finds_its_rules(emulator):
    assert len(emulator.put_event("shop", "paid", {"id": "7"})) == 1
    assert emulator.put_event("shop", "sent", {"id": "7"}) == []

    assert emulator.expect("mail")[0].answer == "paid"


def test_records_are_batched_by_size_and_by_time(emulator):
    for number in range(4):
        emulator.send("placed", {"kind": "placed", "id": number}, key=str(number), headers={"trace": "t"})
    emulator.send("placed", {"kind": "other", "id": 9})

    [full] = emulator.expect("audit")
    assert (full.answer["seen"], full.answer["table"]) == ([0, 1, 2], "audit")
    assert full.event["bootstrapServers"] == "broker.example.com:9092"
    emulator.advance(5)
    assert emulator.expect("audit", 2)[1].answer["seen"] == [3]


def test_a_bad_record_is_retried_alone_and_given_up(emulator):
    for value in ({"id": 0}, {"id": 1, "bad": True}, {"id": 2}):
        emulator.send("placed", {"kind": "placed", **value})
    emulator.advance("1m")

    assert [each.answer["seen"] for each in emulator.expect("audit", 3)] == [[0], [], []]
    lost = [json.loads(each.value)["KafkaBatchInfo"]["recordInfo"]["offset"] for each in emulator.records("lost")]
    assert lost == ["1", "2"]


def test_topics_are_known(emulator):
    with pytest.raises(LookupError, match="no function reads the topic plced; those that are read: placed"):
        emulator.send("plced", {})


def test_a_batch_comes_twice_when_that_is_asked_for(emulator):
    emulator.topic_faults("placed").duplicate()
    emulator.send("placed", {"kind": "placed", "id": 1})
    emulator.advance(5)

    first, second = emulator.expect("audit", 2)
    assert first.event == second.event


def test_messages_are_batched_and_what_fails_comes_back_until_it_is_stranded(emulator):
    for number in range(3):
        emulator.send_message("ready", {"kind": "parcel", "id": number, "bad": number == 1})
    emulator.send_message("ready", {"kind": "letter"})

    emulator.advance(1)
    assert [each.answer["seen"] for each in emulator.expect("ship", 2)] == [[0], [2]]
    emulator.advance("40s")
    emulator.advance("1s")
    assert emulator.expect("ship", 3)[-1].event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    emulator.advance("5m")
    emulator.expect("ship", 3)
    assert emulator.messages("ready") == []
    assert [json.loads(each)["id"] for each in emulator.messages("stranded")] == [1]


def test_messages_of_aws_clients_reach_the_function(emulator):
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName="ready")["QueueUrl"]
    attributes = {"a": {"DataType": "String", "StringValue": "b"}}
    client.send_message(QueueUrl=url, MessageBody='{"kind": "parcel", "id": 1}', MessageAttributes=attributes)
    client.send_message_batch(QueueUrl=url, Entries=[{"Id": "x", "MessageBody": '{"kind": "parcel", "id": 2}'}])

    [batch] = emulator.expect("ship")
    assert [each["messageAttributes"] for each in batch.event["Records"]] == [
        {"a": {"stringValue": "b", "stringListValues": [], "binaryListValues": [], "dataType": "String"}},
        {},
    ]


def test_a_web_socket_is_spoken_to(emulator):
    with emulator.connect() as socket:
        socket.send({"action": "say"})
        assert socket.receive() == '{"ACTION": "SAY"}'

    assert emulator.expect("chat", 3)[-1].answer["code"] == 1000


def test_an_idle_web_socket_is_closed(emulator):
    socket = emulator.connect("/live")
    emulator.advance("9m")
    socket.send("still here")
    emulator.advance("9m")
    assert socket.receive() == "STILL HERE"
    emulator.advance("61s")

    with pytest.raises(Disconnected) as closed:
        socket.receive()
    assert closed.value.code == 1001
    emulator.expect("chat", 1, where=lambda each: each.event["requestContext"]["eventType"] == "DISCONNECT")


def test_a_web_socket_may_be_refused(emulator):
    with pytest.raises(NotConnected) as refused:
        emulator.connect("/live?as=eve")
    assert refused.value.status == 403


def test_faults_are_made(emulator):
    emulator.faults.set("orders", Fault(Kind.THROTTLE, times=1))
    with pytest.raises(Throttled):
        emulator.invoke("orders", {})
    emulator.faults.set("orders", Fault(Kind.TIME_OUT, times=1))
    assert emulator.request("GET", "/orders/1").status == 502
    assert emulator.invoke("orders", {})["table"] == "orders"


@pytest.mark.parametrize("turn", range(10))
def test_every_test_begins_with_nothing(emulator, turn):
    assert emulator.invocations() == []
    assert emulator.faults.all() == {}
    assert emulator.records("placed") == []
    assert emulator.delivered() == []
    assert emulator.dead_letters() == []
    emulator.faults.set("mail", Fault(Kind.FAIL))
    emulator.send("placed", {"kind": "placed", "id": turn})
    emulator.invoke_async("mail", {"detail-type": "left over"})


def test_a_function_speaks_to_a_connection(emulator):
    with emulator.connect() as socket:
        socket.send("echo")

        assert {socket.receive(), socket.receive()} == {"echoed", "ECHO"}


def test_aws_clients_of_the_test_reach_the_emulator(emulator):
    answer = boto3.client("lambda").invoke(FunctionName="orders", Payload=b"{}", LogType="Tail")

    assert json.loads(answer["Payload"].read())["table"] == "orders"
    assert boto3.client("lambda").meta.endpoint_url == emulator.edge_url


def test_a_delayed_function_waits_for_the_clock(emulator):
    emulator.faults.set("mail", Fault(Kind.DELAY, seconds=30, times=1))
    emulator.put_event("shop", "paid")

    emulator.expect("mail", 0)
    emulator.advance("30s")
    emulator.expect("mail", 1)


def test_an_expectation_that_fails_shows_what_happened(emulator):
    emulator.invoke("orders", {"a": 1})

    with pytest.raises(AssertionError) as failed:
        emulator.expect("orders", 2)
    assert str(failed.value).startswith("expected 2 invocations of orders, there were 1\nthese invocations ended:\n")
    assert '  orders (invoke) event {"a": 1} answer {"table": "orders", "id": ' in str(failed.value)
