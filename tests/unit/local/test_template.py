"""Reading a template: CloudFormation's short tags, and nothing YAML guesses."""

from windrow.local.template import parse


def test_short_tags_become_the_long_forms() -> None:
    read = parse("""
        name: !Ref Table
        arn: !GetAtt Table.Arn
        text: !Sub "${AWS::StackName}-x"
        choice: !If [IsOpen, !Ref A, !Ref AWS::NoValue]
        rule: !Equals [!Ref Auth, iam]
        both: !And [!Condition A, !Condition B]
    """)

    assert read == {
        "name": {"Ref": "Table"},
        "arn": {"Fn::GetAtt": ["Table", "Arn"]},
        "text": {"Fn::Sub": "${AWS::StackName}-x"},
        "choice": {"Fn::If": ["IsOpen", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]},
        "rule": {"Fn::Equals": [{"Ref": "Auth"}, "iam"]},
        "both": {"Fn::And": [{"Condition": "A"}, {"Condition": "B"}]},
    }


def test_a_date_stays_text() -> None:
    assert parse("Version: 2012-10-17") == {"Version": "2012-10-17"}
