namespace Tributary.PromQL.Syntax;

/// <summary>How many series of each side may meet in one match.</summary>
public enum MatchCardinality
{
    /// <summary>One of each side.</summary>
    OneToOne,

    /// <summary><c>group_left</c>: many of the left side.</summary>
    ManyToOne,

    /// <summary><c>group_right</c>: many of the right side.</summary>
    OneToMany,

    /// <summary>Many of both; the set operators.</summary>
    ManyToMany,
}
