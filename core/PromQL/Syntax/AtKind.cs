namespace Tributary.PromQL.Syntax;

/// <summary>Which fixed time an <c>@</c> sets.</summary>
public enum AtKind
{
    /// <summary>There is no <c>@</c>: the selection moves with the evaluation.</summary>
    None,

    /// <summary><c>@ 1609746000</c></summary>
    Timestamp,

    /// <summary><c>@ start()</c>, the start of the query.</summary>
    Start,

    /// <summary><c>@ end()</c>, the end of the query.</summary>
    End,
}
