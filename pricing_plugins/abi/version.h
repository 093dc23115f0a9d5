/* The version of this contract. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_VERSION_H_
#define TOPUP_PRICING_PLUGINS_ABI_VERSION_H_

/* Raised when a library built for another number could misread memory. Host and library must
 * have the same. */
#define TOPUP_PRICING_ABI_MAJOR 1u

/* Raised when something was added that a library can do without. Never a reason to refuse. */
#define TOPUP_PRICING_ABI_MINOR 0u

/* What stands in the `abi_version` of every record: major in the upper 16 bits. */
#define TOPUP_PRICING_ABI_VERSION ((TOPUP_PRICING_ABI_MAJOR << 16) | TOPUP_PRICING_ABI_MINOR)

#define TOPUP_PRICING_ABI_MAJOR_OF(version) ((version) >> 16)
#define TOPUP_PRICING_ABI_MINOR_OF(version) ((version)&0xffffu)

#endif /* TOPUP_PRICING_PLUGINS_ABI_VERSION_H_ */
