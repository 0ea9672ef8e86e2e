namespace Tributary.Rules;

/// <summary>How the last evaluation of a rule ended.</summary>
public enum RuleHealth
{
    /// <summary>It was not evaluated yet: <c>unknown</c>.</summary>
    Unknown,

    /// <summary>It was evaluated: <c>ok</c>.</summary>
    Good,

    /// <summary>It has no result: <c>err</c>.</summary>
    Bad,
}
