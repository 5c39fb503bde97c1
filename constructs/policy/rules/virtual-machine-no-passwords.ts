import { expect } from "../expectation";
import type { Rule } from "../rule";

export const virtualMachineNoPasswords: Rule = {
  id: "virtual-machine-no-passwords",
  level: "error",
  what: "Nobody signs in to virtual machines with a password.",
  why: "Passwords are guessed from anywhere that the machine can be reached from.",
  checkov: ["CKV_AZURE_149"],
  psrule: ["Azure.VM.PublicKey"],
  ...expect({
    azurerm_linux_virtual_machine: {
      path: "disable_password_authentication",
      allowed: [true],
      absent: true,
      remedy: "set it to true",
    },
  }),
};
