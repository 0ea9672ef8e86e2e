namespace Tributary.Rules;

/// <summary>Where an alert is; the names in lower case are what the API and <c>ALERTS</c> call it.</summary>
public enum AlertState
{
    /// <summary>It is over, or never began: <c>inactive</c>.</summary>
    Inactive,

    /// <summary>The query gives it, but not for as long as <c>for</c> says: <c>pending</c>.</summary>
    Pending,

    /// <summary>Those who are to know are told: <c>firing</c>.</summary>
    Firing,
}
