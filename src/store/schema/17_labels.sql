-- Every set of labels that there is, for choosing a label.
CREATE INDEX conversations_labels ON conversations (labels) WHERE labels <> '[]';
