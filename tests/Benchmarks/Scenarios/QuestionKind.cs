namespace Tributary.Benchmarks.Scenarios;

/// <summary>What kind of answer a question has: each kind has a geometric mean of its own.</summary>
internal enum QuestionKind
{
    Range,
    Large,
    Instant,
    LookUp,
}
