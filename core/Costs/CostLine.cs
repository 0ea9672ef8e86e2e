namespace Tributary.Costs;

/// <summary>One line of a month's bill.</summary>
/// <param name="Item">What it is for.</param>
/// <param name="Quantity">How much of it in a month: operations, GB, invocations or GB-seconds.</param>
/// <param name="Free">How much of that is free.</param>
/// <param name="Amount">What the rest costs.</param>
public sealed record CostLine(CostItem Item, double Quantity, double Free, double Amount);
