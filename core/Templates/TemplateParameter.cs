namespace Tributary.Templates;

/// <summary>What a function or method takes at one place.</summary>
internal enum TemplateParameter
{
    /// <summary>Everything.</summary>
    Any,

    /// <summary>A text.</summary>
    Text,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>A moment.</summary>
    Time,

    /// <summary>The answer to a query.</summary>
    Vector,

    /// <summary>One element of an answer.</summary>
    Sample,
}
