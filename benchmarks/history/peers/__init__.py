"""The engines that the history figures compare, ours and others', each as its users set it."""
